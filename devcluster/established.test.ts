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
  it('the wait for CRDs continues while one of them has no conditions', async () => {
    const { kubectl, calls } = kubectlThatSays(
      `a.io ${yes}\nb.io \n`,
      `a.io ${yes}\nb.io NamesAccepted=True Established=False \n`,
      `a.io ${yes}\nb.io ${yes}\n`,
    );
    await untilEstablished(kubectl);
    expect(calls()).toBe(3);
  });

  it('the wait for CRDs continues while a required one is missing', async () => {
    const { kubectl, calls } = kubectlThatSays('', `a.io ${yes}\n`);
    await untilEstablished(kubectl, ['a.io']);
    expect(calls()).toBe(2);
  });

  it('the wait for CRDs ends at once when there are none', async () => {
    const { kubectl, calls } = kubectlThatSays('');
    await untilEstablished(kubectl);
    expect(calls()).toBe(1);
  });
});
