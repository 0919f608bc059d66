import { describe, expect, it } from 'vitest';
import { MeshwrightError } from './errors.ts';
import { homePaths, meshwrightHome } from './home.ts';

describe('the home directory', () => {
  it('is what MESHWRIGHT_HOME says, before everything else', () => {
    const env = { MESHWRIGHT_HOME: '/srv/mesh', XDG_DATA_HOME: '/data', HOME: '/home/ada' };
    expect(meshwrightHome(env, 'linux')).toBe('/srv/mesh');
    expect(meshwrightHome(env, 'darwin')).toBe('/srv/mesh');
  });

  it('is in the XDG data directory, or where that is by default', () => {
    expect(meshwrightHome({ XDG_DATA_HOME: '/data', HOME: '/home/ada' }, 'linux')).toBe('/data/meshwright');
    expect(meshwrightHome({ HOME: '/home/ada' }, 'linux')).toBe('/home/ada/.local/share/meshwright');
    expect(meshwrightHome({ HOME: '/Users/ada' }, 'darwin')).toBe(
      '/Users/ada/Library/Application Support/meshwright',
    );
  });

  it('ignores a relative XDG_DATA_HOME and an empty MESHWRIGHT_HOME', () => {
    const env = { MESHWRIGHT_HOME: '', XDG_DATA_HOME: 'data', HOME: '/home/ada' };
    expect(meshwrightHome(env, 'linux')).toBe('/home/ada/.local/share/meshwright');
  });

  it('refuses a relative MESHWRIGHT_HOME, whose meaning would change with the working directory', () => {
    const attempt = () => meshwrightHome({ MESHWRIGHT_HOME: 'state', HOME: '/home/ada' }, 'linux');
    expect(attempt).toThrow(MeshwrightError);
    expect(attempt).toThrow(/MESHWRIGHT_HOME is not an absolute path: state/);
  });

  it('contains every other place', () => {
    const { home, ...places } = homePaths('/srv/mesh');
    expect(home).toBe('/srv/mesh');
    for (const place of Object.values(places)) expect(place.startsWith('/srv/mesh/')).toBe(true);
    expect(new Set(Object.values(places)).size).toBe(Object.values(places).length);
  });
});
