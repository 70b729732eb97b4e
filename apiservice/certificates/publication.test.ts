import { describe, expect, it } from '@jest/globals';

import { Publication } from './publication.ts';

const authority = (id: string) => ({
  id,
  commonName: id,
  certificate: '',
  notBefore: new Date(0),
  notAfter: new Date(1),
});

describe('the published authorities', () => {
  it('the time of publication counts from the first observation, and again after an interruption', () => {
    let now = 0;
    const publication = new Publication(() => now);
    publication.observe([authority('a')]);
    now = 10;
    publication.observe([authority('a'), authority('b')]);
    now = 15;
    expect(publication.publishedForMs()).toEqual(new Map(Object.entries({ a: 15, b: 5 })));
    publication.observe([authority('b')]);
    now = 20;
    publication.observe([authority('a'), authority('b')]);
    expect(publication.publishedForMs()).toEqual(new Map(Object.entries({ a: 0, b: 10 })));
  });

  it('a withdrawn registration differs from one that never existed', () => {
    const publication = new Publication(() => 0);
    publication.observe(undefined);
    expect([publication.publishedForMs(), publication.withdrawn()]).toEqual([undefined, false]);
    publication.observe([]);
    expect([publication.publishedForMs(), publication.withdrawn()]).toEqual([new Map(), false]);
    publication.observe(undefined);
    expect([publication.publishedForMs(), publication.withdrawn()]).toEqual([undefined, true]);
  });
});
