/** Where the program that runs inside cells is found, and how Node starts it without a package around it. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the program on this machine, source or compiled. */
export const insideFolder = join(dirname(fileURLToPath(import.meta.url)), 'inside');

/** File name of the program in that folder. */
export const insideProgram = `cell-server${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;

/** Warnings (type stripping, a missing package.json) would only end up in error messages. */
export const nodeOptions = ['--no-warnings'] as const;
