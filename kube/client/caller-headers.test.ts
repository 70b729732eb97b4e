import { describe, expect, it } from '@jest/globals';
import { callerHeaders, type Impersonation } from './caller-headers.ts';

describe('the headers of an impersonated user', () => {
  it('impersonation headers name the user with uid, groups and extra fields, one line per value', () => {
    const extra = { 'example.org/Team': ['red', ''], scopes: [] };
    const impersonate = { user: 'jane', uid: '06f6ce97', groups: ['dev', 'system:authenticated'], extra };
    expect(callerHeaders({ impersonate })).toEqual({
      'impersonate-user': 'jane',
      'impersonate-uid': '06f6ce97',
      'impersonate-group': ['dev', 'system:authenticated'],
      'impersonate-extra-example.org%2F%54eam': ['red', ''],
    });
  });

  it('impersonation headers hold UTF-8, byte by byte in values and percent-encoded in keys', () => {
    const impersonate = { user: 'Jörg', extra: { 'ü%': ['é'] } };
    const headers = callerHeaders({ impersonate });
    expect(Buffer.from(String(headers['impersonate-user']), 'latin1').toString()).toBe('Jörg');
    expect(Object.keys(headers)).toContain('impersonate-extra-%C3%BC%25');
  });

  it.each<Impersonation>([
    { user: '' },
    { user: ' jane' },
    { user: 'jane\t' },
    { user: 'ja\nne' },
    { user: 'ja\0ne' },
    { user: 'jane\ud800' },
    { user: 'jane', uid: '' },
    { user: 'jane', groups: ['dev', ''] },
    { user: 'jane', groups: ['dev\r\nimpersonate-group: system:masters'] },
    { user: 'jane', extra: { '': ['x'] } },
    { user: 'jane', extra: { '\ud800': ['x'] } },
    { user: 'jane', extra: { team: ['red\n'] } },
  ])('an impersonated user that a header would change is refused: %j', (impersonate) => {
    expect(() => callerHeaders({ impersonate })).toThrow(expect.objectContaining({ reason: 'InvalidHeader' }));
  });
});

describe('additional headers', () => {
  it('additional headers are sent with their names in lower case', () => {
    expect(callerHeaders({ headers: { 'X-Request-Id': '7' } })).toEqual({ 'x-request-id': '7' });
  });

  it.each(['Authorization', 'Impersonate-User', 'impersonate-extra-x', 'a b', 'a:b', ''])(
    'an additional header named %j is refused, because it identifies the caller or is invalid',
    (name) => {
      expect(() => callerHeaders({ headers: { [name]: 'x' } })).toThrow('cannot be set as an additional header');
    },
  );
});
