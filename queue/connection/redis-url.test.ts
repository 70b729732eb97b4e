import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl, redisUrl } from './redis-url.ts';

describe('parseRedisUrl', () => {
  it.each([
    ['redis://redis', { mode: 'single', tls: false, hosts: [{ host: 'redis', port: 6379 }], db: 0 }],
    ['rediss://redis:6380/2', { mode: 'single', tls: true, hosts: [{ host: 'redis', port: 6380 }], db: 2 }],
    ['redis://[::1]:7000/', { mode: 'single', tls: false, hosts: [{ host: '::1', port: 7000 }], db: 0 }],
    [
      'redis://me:p%40ss@redis',
      { mode: 'single', tls: false, hosts: [{ host: 'redis', port: 6379 }], db: 0, username: 'me', password: 'p@ss' },
    ],
    [
      'redis://:secret@redis',
      { mode: 'single', tls: false, hosts: [{ host: 'redis', port: 6379 }], db: 0, password: 'secret' },
    ],
    [
      'rediss+sentinel://s1,s2:5000/main/1',
      {
        mode: 'sentinel',
        tls: true,
        hosts: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 5000 },
        ],
        masterName: 'main',
        db: 1,
      },
    ],
    [
      'redis+cluster://a:1,b:2',
      {
        mode: 'cluster',
        tls: false,
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        db: 0,
      },
    ],
  ])('the Redis URL %s is parsed', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each([
    '',
    'redis',
    'http://redis',
    'redis://',
    'redis://a,b',
    'redis://a/x',
    'redis+sentinel://a',
    'redis://a/1/2',
  ])('%j is refused as a Redis URL', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined();
  });

  it('the error for an invalid Redis URL does not contain the password', () => {
    const result = redisUrl().safeParse('redis://:hunter2@a,b');
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error)).not.toContain('hunter2');
  });
});
