/** How many tests of a run passed, failed and were skipped. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** The parts of `npm test`. */
export interface Parts {
  /** Resolves to whether the checks of the sources hold. */
  verify: () => Promise<boolean>;
  unit: () => Promise<Totals>;
  /** Makes sure that all programs are there which the tests on servers start. */
  prepare: () => Promise<void>;
  /** Groups of tests on servers, one group after the other; the tests of a group run at the same time. */
  onServers: readonly (readonly (() => Promise<Totals>)[])[];
  report: (problem: string) => void;
}

const none: Totals = { passed: 0, failed: 0, skipped: 0 };
const oneFailure: Totals = { ...none, failed: 1 };

/**
 * Runs everything. Verification, unit tests and the preparation of programs run side by side; no test on a server
 * starts before its programs are there, and none starts without them.
 */
export async function runEverything({ verify, unit, prepare, onServers, report }: Parts): Promise<Totals> {
  const checks = Promise.all([
    verify().then((holds) => (holds ? none : fail(report, 'verify failed, see above'))),
    unit(),
  ]);
  const prepared = prepare().then(
    () => true,
    (error: unknown) => {
      report(`The programs of the servers could not be prepared: ${String(error)}`);
      return false;
    },
  );
  const totals: Totals[] = [...(await checks)];
  if (!(await prepared)) return [...totals, oneFailure].reduce(add);
  for (const group of onServers) totals.push(...(await Promise.all(group.map((run) => run()))));
  return totals.reduce(add);
}

function fail(report: Parts['report'], problem: string): Totals {
  report(problem);
  return oneFailure;
}

function add(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
