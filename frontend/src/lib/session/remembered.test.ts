import { expect, test } from 'vitest';
import { Unreached, type Answer, type Host, type Of } from '../host/host';
import { Memory } from './remembered';
import { Clock } from './testing/clock';

/** What a session remembers at the server. */
class Data {
	body: object | null = null;
	version = 1;
	puts = 0;
	reads = 0;
	offline = false;
	/** Called before the next request is answered. */
	before: (() => void) | undefined;

	get host(): Host {
		return {
			kind: 'browser',
			request: (method, _, body, of) => this.#answer(method, body as object, of),
			subscribe: () => () => {},
			wake() {},
			openExternal() {}
		};
	}

	write(body: object): void {
		this.body = body;
		this.version++;
	}

	async #answer(method: string, body: object, of?: Of): Promise<Answer> {
		await Promise.resolve();
		this.before?.();
		this.before = undefined;
		if (this.offline) throw new Unreached('offline');
		if (method === 'GET') {
			this.reads++;
			return { status: 200, body: this.body, etag: `"${this.version}"` };
		}
		this.puts++;
		if (of?.ifMatch !== `"${this.version}"`) return { status: 412, body: { code: 'data-changed' } };
		this.write(body);
		return { status: 204, body: undefined, etag: `"${this.version}"` };
	}
}

function session() {
	const clock = new Clock();
	const data = new Data();
	return { clock, data, tab: () => new Memory(data.host, clock.after) };
}

test('changes are written together, and nothing is written that is so already', async () => {
	const { clock, data, tab } = session();
	const memory = tab();
	memory.set('place', '#/lists');
	memory.set('place', '#/lists/7');
	memory.set('layout', { wide: true });
	await clock.pass(900);
	expect(data.puts).toBe(0);
	await clock.pass(5000);
	expect(data.body).toEqual({ place: '#/lists/7', layout: { wide: true } });
	memory.set('layout', { wide: true });
	await clock.pass(5000);
	expect([data.reads, data.puts]).toEqual([1, 1]);
});

test('two tabs that write at once keep what the other has written', async () => {
	const { clock, data, tab } = session();
	const [one, two] = [tab(), tab()];
	await Promise.all([one.read(), two.read()]);
	one.set('place', '#/agenda');
	two.set('layout', { wide: true });
	await clock.pass(5000);
	expect(data.body).toEqual({ place: '#/agenda', layout: { wide: true } });
	await one.heard(`${data.version}`);
	expect(one.get('layout')).toEqual({ wide: true });
});

test('what changes while it is on its way is written after it', async () => {
	const { clock, data, tab } = session();
	const memory = tab();
	await memory.read();
	memory.set('place', '#/a');
	data.before = () => memory.set('place', '#/b');
	await clock.pass(1000);
	expect(data.body).toEqual({ place: '#/a' });
	await clock.pass(1000);
	expect(data.body).toEqual({ place: '#/b' });
});

test('what another tab has written is read once, and a checksum that is known is not', async () => {
	const { data, tab } = session();
	const memory = tab();
	let told = 0;
	memory.subscribe(() => told++);
	await Promise.all([memory.heard('1'), memory.heard('1')]);
	await memory.heard('1');
	expect([data.reads, told]).toEqual([1, 1]);
	data.write({ place: '#/notes' });
	await memory.heard('2');
	expect(memory.get('place')).toBe('#/notes');
});

test('without a network nothing is lost that the next change does not write', async () => {
	const { clock, data, tab } = session();
	const memory = tab();
	data.offline = true;
	memory.set('place', '#/a');
	await memory.heard('1');
	await clock.pass(60_000);
	data.offline = false;
	memory.set('layout', {});
	await clock.pass(1000);
	expect(data.body).toEqual({ place: '#/a', layout: {} });
});
