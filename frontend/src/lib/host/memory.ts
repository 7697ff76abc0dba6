import { family } from './memory/family';
import { MemoryHost } from './memory/host';
import { MemoryServer } from './memory/server';

/** A family to build screens with: "" as Anna, "door" with nobody signed in, "many" with much of everything. */
export function memoryHost(wish: string): MemoryHost {
	const server = new MemoryServer();
	const people = family(server, new Date(), wish === 'many');
	return new MemoryHost(server, wish === 'door' ? 0 : people.anna, 1);
}
