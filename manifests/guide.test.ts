import { describe, expect, it } from '@jest/globals';
import { withReasons } from './guide.ts';

const markers = ['trigger', 'attempts', 'conditions'].map(
  (name) => `<!-- generated: ${name} -->\n(stale)\n<!-- end -->\n`,
);

describe('withReasons', () => {
  it('withReasons replaces only the text between the markers of each table', () => {
    const page = withReasons(`# Title\n${markers.join('between\n')}end\n`);
    expect(page).not.toContain('(stale)');
    expect(page).toMatch(/^# Title\n<!-- generated: trigger -->\n\n\| value /);
    expect(page.match(/between/g)).toHaveLength(2);
    expect(page).toMatch(/<!-- end -->\nend\n$/);
    expect(withReasons(page)).toBe(page);
  });

  it('withReasons lists every attempt reason with its phases, its meaning and the action of the user', () => {
    expect(withReasons(markers.join(''))).toMatch(
      /\| SubmitFailed +\| Pending, Approved, Failed +\| The Workflow cannot be created; .+ \| Add what the message names/,
    );
  });

  it('withReasons refuses a page that lacks the markers of a table', () => {
    expect(() => withReasons(markers.slice(0, 2).join(''))).toThrow('has no markers for the table conditions');
  });
});
