import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import pkg from './package.json' with { type: 'json' };
import { passOn } from './remote.config.ts';

/** Puts a .br and a .gz beside every text asset, so that no server compresses the same bytes twice. */
function precompress(): Plugin {
	let outDir = '';
	return {
		name: 'precompress',
		apply: 'build',
		configResolved(config) {
			outDir = config.build.outDir;
		},
		async closeBundle() {
			const names = await readdir(outDir, { recursive: true });
			const texts = names.filter((name) => /\.(html|js|css|svg|json|webmanifest)$/.test(name));
			await Promise.all(
				texts.flatMap((name) => {
					const path = join(outDir, name);
					const brotli = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
					return [
						pipeline(createReadStream(path), brotli, createWriteStream(`${path}.br`)),
						pipeline(createReadStream(path), createGzip({ level: 9 }), createWriteStream(`${path}.gz`))
					];
				})
			);
		}
	};
}

export default defineConfig(({ mode }) => ({
	base: './',
	plugins: [svelte(), precompress()],
	define: {
		__VERSION__: JSON.stringify(pkg.version)
	},
	// vitest would otherwise take Svelte's build for servers.
	resolve: mode === 'test' ? { conditions: ['browser'] } : {},
	server: {
		// A server on this machine is asked as it is; see make dev.
		proxy: { '/api': process.env.REMOTE ? passOn(process.env.REMOTE) : 'http://127.0.0.1:7420' }
	},
	build: {
		target: 'es2022',
		// Inlined assets would be data: addresses, which the content security policy forbids.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false }
	},
	test: {
		include: ['src/**/*.test.ts']
	}
}));
