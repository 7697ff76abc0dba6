import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { BrowserHost } from './browser';
import { Unreached, type Answer, type Frame } from './host';

let server: Server | undefined;

afterEach(() => {
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
	server?.closeAllConnections();
	server?.close();
});

/** A page whose server answers so. */
async function page(answer: RequestListener): Promise<BrowserHost> {
	const opened = createServer(answer).listen(0, '127.0.0.1');
	server = opened;
	await new Promise((resolve) => opened.once('listening', resolve));
	const { port } = opened.address() as AddressInfo;
	const { fetch } = globalThis;
	vi.stubGlobal('fetch', (path: string, init: RequestInit) =>
		fetch(new URL(path, `http://127.0.0.1:${port}/`), init)
	);
	return new BrowserHost('web/test');
}

async function all(lines: AsyncIterable<unknown>): Promise<unknown[]> {
	const seen: unknown[] = [];
	for await (const line of lines) seen.push(line);
	return seen;
}

function cut(response: ServerResponse, type: string, text: string): void {
	response.writeHead(200, { 'Content-Type': type });
	response.write(text, () => response.destroy());
}

test('lines come one by one', async () => {
	const host = await page((_, response) =>
		response.writeHead(200, { 'Content-Type': 'application/x-ndjson' }).end('{"a":"ü"}\n{"b":2}\n')
	);
	expect(await all(host.lines('/api/entities'))).toEqual([{ a: 'ü' }, { b: 2 }]);
});

test('lines that break off within a line are unreached', async () => {
	const host = await page((_, response) => cut(response, 'application/x-ndjson', '{"a":1}\n{"b'));
	await expect(all(host.lines('/api/entities'))).rejects.toBeInstanceOf(Unreached);
});

test('lines that end within a line are unreached', async () => {
	const host = await page((_, response) =>
		response.writeHead(200, { 'Content-Type': 'application/x-ndjson' }).end('{"a":1}\n{"b')
	);
	await expect(all(host.lines('/api/entities'))).rejects.toBeInstanceOf(Unreached);
});

test('a page in HTML is no answer of the server, unless it tells of an error', async () => {
	let status = 200;
	const host = await page((_, response) =>
		response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>Welcome to the hotel</h1>')
	);
	await expect(host.request('GET', '/api/last-event-id')).rejects.toBeInstanceOf(Unreached);
	await expect(all(host.lines('/api/entities'))).rejects.toBeInstanceOf(Unreached);
	status = 502;
	expect(await host.request('GET', '/api/last-event-id')).toEqual({ status: 502, body: undefined });
});

test('a frame that a handler choked on comes again', async () => {
	const reported = vi.fn();
	vi.stubGlobal('reportError', reported);
	const asked: string[] = [];
	const host = await page((request, response) => {
		asked.push(request.url ?? '');
		response.writeHead(200, { 'Content-Type': 'text/event-stream' });
		response.write('id: 5-2\nevent: replacements\ndata: {}\n\n');
	});
	const lost = vi.fn();
	let frames = 0;
	const again = new Promise<Frame>((resolve) => {
		const stop = host.subscribe('5-1', {
			open: () => {},
			lost: () => {
				lost();
				queueMicrotask(() => host.wake());
			},
			refused: () => {},
			frame(frame) {
				if (++frames === 1) throw new Error('choked');
				stop();
				resolve(frame);
			}
		});
	});
	expect((await again).id).toBe('5-2');
	expect(asked).toEqual(['/api/event?after=5-1', '/api/event?after=5-1']);
	expect(lost).toHaveBeenCalledTimes(1);
	expect(reported).toHaveBeenCalledTimes(1);
});

test('after a loss the stream goes on behind the last frame', async () => {
	const asked: string[] = [];
	const host = await page((request, response) => {
		asked.push(request.url ?? '');
		cut(response, 'text/event-stream', `id: 5-${asked.length + 1}\nevent: replacements\ndata: {}\n\n`);
	});
	const seen: (string | undefined)[] = [];
	await new Promise<void>((resolve) => {
		const stop = host.subscribe('5-1', {
			open: () => {},
			lost: () => queueMicrotask(() => host.wake()),
			refused: () => {},
			frame(frame) {
				seen.push(frame.id);
				if (seen.length < 3) return;
				stop();
				resolve();
			}
		});
	});
	expect(seen).toEqual(['5-2', '5-3', '5-4']);
	expect(asked.slice(0, 3)).toEqual(['5-1', '5-2', '5-3'].map((at) => `/api/event?after=${at}`));
});

test('a refusal ends the subscription', async () => {
	const host = await page((_, response) =>
		response
			.writeHead(401, { 'Content-Type': 'application/problem+json' })
			.end(JSON.stringify({ status: 401, code: 'session-missing' }))
	);
	const answer = await new Promise<Answer>((refused) => {
		host.subscribe('5-1', { open: () => {}, frame: () => {}, lost: () => {}, refused });
	});
	expect(answer).toMatchObject({ status: 401, body: { code: 'session-missing' } });
});

/** A stream that says what it is told to and then ends. */
function say(response: ServerResponse, ...frames: string[]): void {
	response.writeHead(200, { 'Content-Type': 'text/event-stream' });
	response.end(frames.map((frame) => `${frame}\n\n`).join(''));
}

test('a stream whose session got its next value goes on behind its cursor, and nobody notices', async () => {
	const asked: string[] = [];
	const host = await page((request, response) => {
		asked.push(request.url ?? '');
		const id = `id: 5-${asked.length + 1}\nevent: replacements\ndata: {}`;
		say(
			response,
			'event: session\ndata: {"id":1}',
			id,
			'event: bye\ndata: {"code":"session-rotated","retryMs":60000}'
		);
	});
	let now = 0;
	vi.spyOn(Date, 'now').mockImplementation(() => (now += 1000)); // as if every stream had lasted
	const told = { open: vi.fn(), lost: vi.fn(), refused: vi.fn() };
	const seen: string[] = [];
	await new Promise<void>((resolve) => {
		const stop = host.subscribe('5-1', {
			...told,
			frame({ id }) {
				if (id) seen.push(id);
				if (seen.length < 3) return;
				stop();
				resolve();
			}
		});
	});
	expect(seen).toEqual(['5-2', '5-3', '5-4']);
	expect(asked).toEqual(['5-1', '5-2', '5-3'].map((at) => `/api/event?after=${at}`));
	expect(told.open).toHaveBeenCalledTimes(1);
	expect(told.lost).not.toHaveBeenCalled();
});

test('one that says so as soon as it is open is tried as a lost one', async () => {
	let streams = 0;
	const host = await page((_, response) => {
		streams++;
		say(response, 'event: bye\ndata: {"code":"session-rotated","retryMs":60000}');
	});
	await new Promise<void>((resolve) => {
		const stop = host.subscribe('5-1', {
			open: () => {},
			frame: () => {},
			refused: () => {},
			lost: () => {
				stop();
				resolve();
			}
		});
	});
	expect(streams).toBe(1);
});

test('the sender knows as long as a stream is followed, and hears of the session', async () => {
	const heard: unknown[] = [];
	let follows = 0;
	await page((_, response) => say(response, 'event: session\ndata: {"id":1}'));
	const host = new BrowserHost('web/test', {
		send: (path, init) => fetch(path, init),
		heard: (session) => heard.push(session),
		follow() {
			follows++;
			return () => follows--;
		}
	});
	await new Promise<void>((resolve) => {
		const stop = host.subscribe('', {
			open: () => {},
			frame: () => {},
			refused: () => {},
			lost: () => {
				expect(follows).toBe(1);
				stop();
				resolve();
			}
		});
	});
	expect(follows).toBe(0);
	expect(heard).toEqual([{ id: 1 }]);
});
