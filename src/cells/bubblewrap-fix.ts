/** Turns what bubblewrap printed into the one command that makes it work. Reads facts of the machine, changes nothing. */
import { readFileSync } from 'node:fs';

export interface BubblewrapFix {
  problem: string;
  fix: string;
}

export interface MachineFacts {
  /** Text of /etc/os-release. */
  osRelease: string;
  platform: string;
  /** Values of kernel settings by path under /proc/sys; null where there is none. */
  setting(path: string): string | null;
}

export function explainBubblewrap(message: string, machine: MachineFacts = thisMachine()): BubblewrapFix {
  if (machine.platform !== 'linux') {
    return {
      problem: 'bubblewrap isolates on Linux only',
      fix: 'run in a Linux virtual machine or container, or set cells.driver: process and cells.allow_no_isolation: true',
    };
  }
  if (/ENOENT|not found/i.test(message)) {
    return { problem: 'bubblewrap is not installed', fix: installCommand(machine.osRelease) };
  }
  if (/uid map|namespace|Operation not permitted|Permission denied|loopback/i.test(message)) {
    return { problem: `the system blocks bubblewrap: ${lastLine(message)}`, fix: unblockCommand(machine) };
  }
  return {
    problem: `bubblewrap does not work: ${lastLine(message)}`,
    fix: 'run `bwrap --ro-bind / / true` and read its message',
  };
}

function installCommand(osRelease: string): string {
  const like = /^ID(?:_LIKE)?=.*$/gm;
  const ids = [...osRelease.matchAll(like)].map((match) => match[0]).join(' ');
  if (/debian|ubuntu/.test(ids)) return 'sudo apt-get install -y bubblewrap';
  if (/fedora|rhel|centos/.test(ids)) return 'sudo dnf install -y bubblewrap';
  if (/arch/.test(ids)) return 'sudo pacman -S --noconfirm bubblewrap';
  if (/suse/.test(ids)) return 'sudo zypper install -y bubblewrap';
  if (/alpine/.test(ids)) return 'sudo apk add bubblewrap';
  return "install the package bubblewrap with the system's package manager";
}

function unblockCommand(machine: MachineFacts): string {
  if (machine.setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    const profile =
      'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n';
    return `printf '${profile}' | sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap`;
  }
  if (machine.setting('kernel/unprivileged_userns_clone') === '0') {
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  }
  if (machine.setting('user/max_user_namespaces') === '0')
    return 'sudo sysctl -w user.max_user_namespaces=15000';
  return 'in a container: start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined (Docker), or as a privileged one';
}

function thisMachine(): MachineFacts {
  return {
    osRelease: readOr('/etc/os-release', ''),
    platform: process.platform,
    setting: (path) => readOr(`/proc/sys/${path}`, '').trim() || null,
  };
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
