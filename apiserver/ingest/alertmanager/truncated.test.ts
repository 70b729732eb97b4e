import { describe, expect, it } from '@jest/globals';
import type { Payload } from '../intake.ts';
import { TruncatedReader } from './truncated.ts';

function readerWith(urls: string[], answer: () => Response | Promise<Response>) {
  const asked: URL[] = [];
  const taken: Payload[] = [];
  const results: string[] = [];
  const reader = new TruncatedReader({
    urls,
    intake: { take: (payload) => (taken.push(payload), Promise.resolve([])) },
    context: { nodeOf: () => undefined },
    onRead: (result) => void results.push(result),
    fetch: (url) => {
      asked.push(url as URL);
      return Promise.resolve(answer());
    },
  });
  return { reader, asked, taken, results };
}

const group = { count: 2, receiver: 'a.b', groupLabels: { alertname: 'Say "hi"' }, claimedUrl: 'http://two:9093/x' };
const listed = [
  {
    labels: { alertname: 'X', node: 'n' },
    fingerprint: 'f',
    endsAt: '2999-01-01T00:00:00Z',
    status: { state: 'active' },
  },
];

describe('the rest of a truncated group', () => {
  it('truncated alerts are read from the configured Alertmanager that sent the payload', async () => {
    const { reader, asked, taken, results } = readerWith(['http://one:9093', 'http://two:9093/am/'], () =>
      Response.json(listed),
    );
    reader.request(group, 'team-a');
    await reader.idle();
    expect(asked[0]?.href.split('?')[0]).toBe('http://two:9093/am/api/v2/alerts');
    expect(asked[0]?.searchParams.getAll('filter')).toEqual(['alertname="Say \\"hi\\""']);
    expect(asked[0]?.searchParams.get('receiver')).toBe('a\\.b');
    expect(taken).toEqual([
      expect.objectContaining({
        tenant: 'team-a',
        alerts: [{ ok: true, alert: expect.objectContaining({ status: 'Firing', fingerprint: 'f' }) }],
      }),
    ]);
    expect(taken[0]?.alerts[0]).not.toHaveProperty('alert.endsAt');
    expect(results).toEqual(['read']);
  });

  it.each(['http://evil:9093', 'http://one:9093.evil', 'http://user@evil/http://one:9093', 'nonsense', undefined])(
    'truncated alerts are never read from a URL that only the payload has (%s)',
    async (claimedUrl) => {
      const { reader, asked } = readerWith(['http://one:9093'], () => Response.json([]));
      reader.request({ count: 1, groupLabels: {}, ...(claimedUrl === undefined ? {} : { claimedUrl }) }, 'a');
      await reader.idle();
      expect(asked.map(({ host }) => host)).toEqual(['one:9093']);
    },
  );

  it('truncated alerts are not read when no Alertmanager is configured', () => {
    const { reader, asked, results } = readerWith([], () => Response.json([]));
    reader.request(group, 'a');
    expect([asked, results]).toEqual([[], ['notConfigured']]);
  });

  it.each([
    ['an error', () => new Response('', { status: 500 })],
    ['no list', () => Response.json({})],
    ['no JSON', () => new Response('<html>')],
    ['nothing', () => Promise.reject(new Error('refused'))],
  ])('reading truncated alerts may fail (%s)', async (_, answer) => {
    const { reader, results } = readerWith(['http://one'], answer);
    reader.request(group, 'a');
    await reader.idle();
    expect(results).toEqual(['failed']);
  });

  it('a truncated group is read once for simultaneous requests', async () => {
    const { reader, asked } = readerWith(['http://one'], () => Response.json([]));
    for (let n = 0; n < 10; n += 1) reader.request(group, 'a');
    await reader.idle();
    expect(asked).toHaveLength(1);
  });
});
