import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { kinds } from '../../crds/kinds.ts';
import type { KubeObject } from '../../crds/object.ts';
import { openAdmission, type OpenAdmission } from '../../test/admission/fakes/admission.ts';

let admission: OpenAdmission;

beforeAll(async () => {
  admission = await openAdmission();
});

afterAll(async () => {
  await admission.close();
});

const folder = `${import.meta.dirname}/../../test/crds/golden/good`;
const validated = new Set(['AegisAlertOpsRule', 'AegisOpsTemplate']);

/** Rules and templates of the original's README and examples. */
const originals = readdirSync(folder)
  .filter((file) => file.startsWith('original-'))
  .flatMap((file) => parseAllDocuments(readFileSync(`${folder}/${file}`, 'utf8')))
  .map((document) => document.toJS() as KubeObject)
  .filter(({ kind }) => validated.has(kind))
  .map((object) => ({ title: `${object.kind} ${object.metadata.name}`, object }));

it.each(originals)('$title of the original is admitted', async ({ object }) => {
  const type = kinds.find(({ resource }) => resource.kind === object.kind)?.resource;
  if (type === undefined) throw new Error(`no kind ${object.kind}`);
  const namespaced = { ...object, metadata: { namespace: 'monitoring', ...object.metadata } };
  const { body } = await admission.review(type, namespaced);
  expect(body.response).toMatchObject({ allowed: true });
});
