import { bracesIn } from './braces.ts';
import { placeOf, type Place } from './places.ts';
import type { Path } from './problem.ts';
import { fill } from './strict-writer.ts';
import { hasMark, marksOf } from './tags.ts';
import { TypedScalar, type Leaf } from './tree.ts';

/** The position of one variable of a leaf. */
export interface Spot {
  path: Path;
  place: Place;
  /** The pattern or type of a scalar that has one. */
  type?: TypedScalar['type'];
  /** Argo adds more text beside it. */
  besideArgo: boolean;
}

/** The values of a rendering, and the sink of its problems. */
export interface Values {
  /** Returns the value of a variable that is reached, or a harmless one after its problem was reported. */
  valueOf(variable: number, spot: Spot): string;
  /** Whether a section on the variable is shown. */
  holds(variable: number): boolean;
  /** Reports that the values of this leaf give it a forbidden meaning. */
  refuse(message: string, path: Path): void;
}

/** Fills one leaf; a leaf without variables is returned unchanged. */
export function fillLeaf(leaf: Leaf, path: Path, values: Values): Leaf {
  const text = leaf instanceof TypedScalar ? leaf.text : leaf;
  if (typeof text !== 'string' || !hasMark(text)) return leaf;
  const spot: Spot = {
    path,
    place: placeOf(path),
    besideArgo: bracesIn(text).all.length > 0,
    ...(leaf instanceof TypedScalar ? { type: leaf.type } : {}),
  };
  const variables = new Set(marksOf(text).map(({ variable }) => variable));
  const holds = values.holds.bind(values);
  const reached = new Map<number, string>();
  const valueOf = (variable: number): string => {
    const value = reached.get(variable) ?? values.valueOf(variable, spot);
    reached.set(variable, value);
    return value;
  };
  const filled = fill(text, variables, { holds, valueOf });
  // The text must have the same meaning to Argo and to Kubernetes as with harmless values.
  const harmless = fill(text, variables, { holds, valueOf: (variable) => (valueOf(variable) === '' ? '' : 'x') });
  const change = meaningChanged(harmless, filled, spot.place);
  if (change !== undefined) values.refuse(change, path);
  return leaf instanceof TypedScalar ? typedValue(leaf.type, filled, path, values) : filled;
}

/** Returns the values that contain operators, or complete one together with the text beside them. */
function meaningChanged(before: string, after: string, place: Place): string | undefined {
  if (JSON.stringify(expressionsOf(before)) !== JSON.stringify(expressionsOf(after))) {
    return 'the values bring along "{{" or "}}", which Argo would evaluate';
  }
  // Annotations and files are not expanded.
  if (place !== 'Data' && before.split('$(').length !== after.split('$(').length) {
    return 'the values bring along "$(", which Kubernetes would replace by another variable';
  }
  return undefined;
}

function expressionsOf(text: string): unknown[] {
  const { all, unclosed } = bracesIn(text);
  return [...all.map(({ content }) => content), unclosed];
}

const shapes = {
  int: /^-?(?:0|[1-9][0-9]{0,14})$/,
  float: /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?$/,
  bool: /^(?:true|false)$/,
} as const;

function typedValue(type: TypedScalar['type'], text: string, path: Path, values: Values): Leaf {
  if (!shapes[type].test(text)) {
    values.refuse(`the value is no ${type}`, path);
    return null;
  }
  return type === 'bool' ? text === 'true' : Number(text);
}
