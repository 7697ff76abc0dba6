import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary =
	process.env.INGLENOOKD ?? fileURLToPath(new URL('../../build/bin/inglenookd', import.meta.url));

/** Starts a server with the sample household on a port of its own choice. */
export const startServer = (...flags) => start(undefined, ['--demo', ...flags]);

/** Starts one that nobody lives on yet. Its configuration says what is in methods. */
export const startEmptyServer = (methods, ...flags) => start(methods, flags);

async function start(methods, flags) {
	if (!existsSync(binary)) throw new Error(`${binary} is missing: make build/bin/inglenookd`);
	const dir = await mkdtemp(join(tmpdir(), 'inglenook-e2e-'));
	if (methods) {
		const config = join(dir, 'config.json');
		await writeFile(config, JSON.stringify({ methods }));
		flags = [...flags, '--config', config];
	}
	let running = await run(dir, '127.0.0.1:0', flags);
	return {
		url: running.url,
		/** Printed where nobody lives yet. */
		setUpCode: () => running.setUpCode(),
		/** Stops it in the middle of everything, and starts it again at the same address. */
		async restart() {
			await running.stop();
			running = await run(dir, new URL(running.url).host, flags);
		},
		async stop() {
			await running.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}

async function run(dir, listen, flags) {
	const process = spawn(binary, ['serve', '--data', join(dir, 'data'), '--listen', listen, ...flags], {
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
		setUpCode: () => /"code":"([A-Z-]+)"/.exec(log)?.[1],
		async stop() {
			process.removeAllListeners('exit');
			const ended = once(process, 'exit');
			process.kill('SIGTERM');
			await ended;
		}
	};
}
