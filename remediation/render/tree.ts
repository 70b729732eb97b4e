import type { Path } from './problem.ts';

/** A scalar with the tag `!!int`, `!!float` or `!!bool`, whose value comes from variables. */
export class TypedScalar {
  readonly type: 'int' | 'float' | 'bool';
  /** With marks. */
  readonly text: string;

  constructor(type: TypedScalar['type'], text: string) {
    this.type = type;
    this.text = text;
  }
}

/** A value without children. */
export type Leaf = null | boolean | number | string | TypedScalar;

/** A parsed manifest: what JSON can express, and scalars whose type is known before their value. */
export type Tree = Leaf | Tree[] | TreeMap;
export interface TreeMap {
  [key: string]: Tree;
}

export function isTreeMap(tree: Tree | undefined): tree is TreeMap {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !(tree instanceof TypedScalar);
}

/** Copies a tree with every leaf replaced; no replacement can change the tree's shape. */
export function mapLeaves(tree: Tree, replace: (leaf: Leaf, path: Path) => Leaf, path: Path = []): Tree {
  if (Array.isArray(tree)) return tree.map((item, index) => mapLeaves(item, replace, [...path, index]));
  if (!isTreeMap(tree)) return replace(tree, path);
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, mapLeaves(value, replace, [...path, key])]),
  );
}

/** Calls `visit` for every leaf. */
export function eachLeaf(tree: Tree, visit: (leaf: Leaf, path: Path) => void, path: Path = []): void {
  if (Array.isArray(tree)) {
    for (const [index, item] of tree.entries()) eachLeaf(item, visit, [...path, index]);
  } else if (isTreeMap(tree)) {
    for (const [key, value] of Object.entries(tree)) eachLeaf(value, visit, [...path, key]);
  } else visit(tree, path);
}
