import { describe, expect, it } from '@jest/globals';

import { explainGoFailure } from './go.ts';

describe('explainGoFailure', () => {
  it.each([
    ['Error: spawn go ENOENT', 'Go is not installed'],
    ['go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local)', 'The installed Go is too old'],
    ['go.mod:5: unknown directive: tool', 'The installed Go is too old'],
    ['Get "https://proxy": dial tcp: lookup proxy: no such host', 'The Go module proxy cannot be reached'],
    ['write /tmp/x: no space left on device', 'The disk is full'],
    ['main.go:1: syntax error', 'go build -trimpath failed'],
  ])('explainGoFailure names the remedy for %j', (stderr, beginning) => {
    expect(explainGoFailure(['build', '-trimpath', '-o', 'x'], stderr)).toMatch(new RegExp(`^${beginning}`));
  });
});
