import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary =
	process.env.INGLENOOKD ?? fileURLToPath(new URL('../../build/bin/inglenookd', import.meta.url));

/** Starts a server with the sample household on a port of its own choice. */
export async function startServer() {
	if (!existsSync(binary)) throw new Error(`${binary} is missing: make build/bin/inglenookd`);
	const dir = await mkdtemp(join(tmpdir(), 'inglenook-e2e-'));
	const process = spawn(binary, ['serve', '--data', join(dir, 'data'), '--listen', '127.0.0.1:0', '--demo'], {
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let log = '';
	process.stderr.on('data', (text) => (log = (log + text).slice(-4000)));
	const url = await new Promise((resolve, reject) => {
		createInterface(process.stdout).on('line', (line) => {
			const found = /listening on (http:\S+)/.exec(line);
			if (found) resolve(found[1]);
		});
		process.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
		process.once('error', reject);
	});
	return {
		url,
		async stop() {
			process.removeAllListeners('exit');
			const ended = once(process, 'exit');
			process.kill('SIGTERM');
			await ended;
			await rm(dir, { recursive: true, force: true });
		}
	};
}
