import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kinds } from '../../crds/kinds.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';

/** One object of a golden file. */
export interface GoldenObject {
  /** File and, if it holds several objects, which. */
  title: string;
  /** From the comment `# refused: <field>`; `(root)` for the object as a whole. */
  field: string | undefined;
  type: ResourceType;
  object: KubeObject & { status?: unknown };
}

/** All objects of a folder of golden files. */
export function readGolden(folder: 'good' | 'bad'): GoldenObject[] {
  const directory = join(import.meta.dirname, 'golden', folder);
  return readdirSync(directory)
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(directory, file), 'utf8');
      const field = /^# refused: (\S+)$/m.exec(text)?.[1];
      return parseAllDocuments(text).map((document) => {
        const object = document.toJS() as KubeObject;
        const resource = kinds.find((kind) => kind.resource.kind === object.kind)?.resource;
        if (resource === undefined) throw new Error(`${file} holds an object of an unknown kind`);
        return { title: `${file}: ${object.metadata.name}`, field, type: resource, object };
      });
    });
}
