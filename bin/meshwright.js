#!/usr/bin/env node
// The launcher: finds a Node that is new enough, then hands over to dist/. It has to parse on every Node since 12, so it
// uses no newer syntax and no `node:` imports; what it says on an old Node is all that a person with one gets to see.
import { spawn } from 'child_process';
import { existsSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const neededMajor = 22;
const neededMinor = 19;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isClone = existsSync(join(root, 'src', 'cli'));

function isNewEnough(version) {
  const parts = version.split('.').map(Number);
  return parts[0] > neededMajor || (parts[0] === neededMajor && parts[1] >= neededMinor);
}

function refuse(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 2;
}

// In a clone npm has installed a Node of our own (a devDependency); an installed package has none.
function startWithOwnNode(binary) {
  const child = spawn(binary, process.argv.slice(1), { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  // On a terminal Ctrl-C reaches the child by itself; forwarding it too would look like a second Ctrl-C.
  process.on('SIGINT', process.stdin.isTTY ? () => {} : forward);
  process.on('SIGTERM', forward);
  process.on('SIGHUP', forward);
  child.on('error', (error) => refuse(`meshwright: cannot start ${binary}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function start() {
  const ownNode = join(root, 'node_modules', 'node', 'bin', 'node');
  const main = join(root, 'dist', 'cli', 'main.js');
  if (!isNewEnough(process.versions.node)) {
    // Same binary: it is too old itself, and starting it again would never end.
    if (isClone && existsSync(ownNode) && process.execPath !== ownNode) return startWithOwnNode(ownNode);
    const way = isClone ? 'Run `npm ci` here, which brings one, or install' : 'Install';
    const version = process.versions.node;
    return refuse(
      `meshwright needs Node 22.19 or newer; this is ${version}. ${way} Node 22 or newer from https://nodejs.org.`,
    );
  }
  if (!existsSync(main)) {
    return refuse(
      isClone
        ? `meshwright is not built yet: run \`npm run build\` in ${root}.`
        : `meshwright is incomplete: ${main} is missing. Install the package again.`,
    );
  }
  return import(pathToFileURL(main).href);
}

start();
