import { describe, expect, it } from '@jest/globals';
import { untilEstablished } from './established.ts';

/** Answers one text after the other, the last again and again. */
function kubectlThatSays(...answers: string[]) {
  let calls = 0;
  const kubectl = () => Promise.resolve(answers[Math.min(calls++, answers.length - 1)] ?? '');
  return { kubectl, calls: () => calls };
}

const yes = 'NamesAccepted=True Established=True ';

describe('waiting for CRDs', () => {
  it('goes on while one of them has no conditions yet', async () => {
    const { kubectl, calls } = kubectlThatSays(
      `a.io ${yes}\nb.io \n`,
      `a.io ${yes}\nb.io NamesAccepted=True Established=False \n`,
      `a.io ${yes}\nb.io ${yes}\n`,
    );
    await untilEstablished(kubectl);
    expect(calls()).toBe(3);
  });

  it('goes on while one that must be there is not', async () => {
    const { kubectl, calls } = kubectlThatSays('', `a.io ${yes}\n`);
    await untilEstablished(kubectl, ['a.io']);
    expect(calls()).toBe(2);
  });

  it('ends at once when there is none', async () => {
    const { kubectl, calls } = kubectlThatSays('');
    await untilEstablished(kubectl);
    expect(calls()).toBe(1);
  });
});
