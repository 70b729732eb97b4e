import type { Harness } from '../harness/aegis.ts';

const resource = /resource="(aegisalerts|aegisremediations|workflows)"/;
const write = /verb="(POST|PUT|PATCH|APPLY|DELETE)"/;

/** How many writes the API server has served for alerts, remediations and Workflows, by its own counters. */
export async function countWrites({ rest }: Harness): Promise<number> {
  const chunks: Buffer[] = [];
  const stream = await rest.stream({ method: 'GET', path: '/metrics', idleTimeoutMs: 5_000 });
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('apiserver_request_total{') && resource.test(line) && write.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
