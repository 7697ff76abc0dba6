// Signing in from a browser: loaded only by who does.
import type { components } from '../api/gen/api';
import { kept } from '../kept';
import type { Carrier } from './carrier';
import { deviceOf } from './device';
import { usable, type KeptKey } from './keys';
import { over } from './standing';

type Schemas = components['schemas'];

/**
 * Sends the body of a sign-in or a rebinding with a proof of a key made for it. The
 * answer is the server's; of a good one the key is kept and the tab is of the new session.
 */
export async function signIn(carrier: Carrier, path: string, login: Schemas['Login']): Promise<Response> {
	const { keys, people } = carrier.world;
	const secret = await newKey(carrier);
	const key = secret && (await usable(secret));
	const body = JSON.stringify({ ...login, ...thisDevice(), level: key?.level ?? 0 });
	const session = people.active;
	let response = await carrier.reach('/api/auth/methods', {});
	if (!response.ok) return response;
	const { instance } = (await response.json()) as Schemas['Methods'];
	// A second time only where the nonce was too old: the first had no effect.
	for (let tries = 0; tries < 2; tries++) {
		const proof = key && (await carrier.signed(key, path, 'POST', { instance }));
		response = await carrier.reach(path, { method: 'POST', headers: carrier.unsafe, body }, session, proof);
		if (!proof || !response.headers.has('Inglenook-Nonce') || response.status !== 401) break;
		const { code } = (await response.clone().json()) as Schemas['Problem'];
		if (code !== 'session-proof-required') break;
	}
	if (!response.ok) return response;
	const signedIn = ((await response.clone().json()) as Schemas['SignedIn']).session;
	if (secret) await keys.settle(signedIn.id, secret);
	people.active = signedIn.id;
	carrier.heard(signedIn);
	if (session !== undefined && session !== signedIn.id && !login.add) await leave(carrier, session);
	// Tabs that wait for somebody to sign in try again.
	kept.write('inglenook.signed-in', String(carrier.world.now()));
	askToStay();
	return response;
}

/**
 * Signs out whom somebody else has signed in instead of. The server has done so already, but where
 * that takes a proof of the key. While it cannot be done they stay, and can be signed out later.
 */
async function leave(carrier: Carrier, session: number): Promise<void> {
	const { keys, people } = carrier.world;
	try {
		const init = { method: 'POST', headers: carrier.unsafe, body: '{}' };
		const response = await carrier.send('/api/auth/logout', init, { session });
		if (!response.ok && !over.test(((await response.json()) as Schemas['Problem']).code)) return;
		people.remove(session);
		await keys.drop(session);
	} catch {
		return; // not reached
	}
}

/** Undefined where no key can be kept: better none than one that is lost with the page. */
async function newKey({ world: { keys } }: Carrier): Promise<KeptKey | undefined> {
	if (!(await keys.able())) return undefined;
	try {
		return await keys.next('subtle' in crypto ? protectedKey : softwareKey);
	} catch {
		return undefined;
	}
}

async function protectedKey(): Promise<KeptKey> {
	const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
	const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
	const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
	return { jwk: { crv: 'P-256', kty: 'EC', x, y }, secret: pair.privateKey };
}

/** WebCrypto is missing where the page came over plain http. */
async function softwareKey(): Promise<KeptKey> {
	const [{ ed25519 }, { base64url }] = await Promise.all([
		import('@noble/curves/ed25519.js'),
		import('./proof')
	]);
	const secret = new Uint8Array(ed25519.utils.randomSecretKey());
	return { jwk: { crv: 'Ed25519', kty: 'OKP', x: base64url(ed25519.getPublicKey(secret)) }, secret };
}

/** What the list of devices calls this browser until somebody names it. */
function thisDevice(): Pick<Schemas['Login'], 'device' | 'platform' | 'version' | 'kind'> {
	return { ...deviceOf(navigator.userAgent), version: __VERSION__, kind: 'browser' };
}

/** So that a browser short of space does not throw the key away. Some ask the person: once is enough. */
function askToStay(): void {
	if (kept.read('inglenook.asked-to-stay')) return;
	kept.write('inglenook.asked-to-stay', '1');
	void navigator.storage?.persist?.().catch(() => {});
}
