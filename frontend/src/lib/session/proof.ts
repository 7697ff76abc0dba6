import { sha256 } from '@noble/hashes/sha2.js';
import type { DeviceKey } from './keys';

/** What a proof is of. */
export interface Claims {
	/** The method. */
	htm: string;
	/** Of the API, without query. */
	path: string;
	/** The server's instance id. */
	aud: string;
	nonce: string;
}

/**
 * A proof of the device key as a compact JWS. With register it carries the key, for
 * the server to remember. It is bound to no value: a page cannot read its cookie.
 */
export async function prove(key: DeviceKey, claims: Claims, register = false): Promise<string> {
	const header = {
		typ: 'inglenook-proof',
		alg: key.alg,
		kid: base64url(sha256(utf8(JSON.stringify(ordered(key.jwk))))),
		...(register && { jwk: key.jwk })
	};
	const signed = `${part(header)}.${part({ ...claims, ath: '' })}`;
	return `${signed}.${base64url(await key.sign(utf8(signed)))}`;
}

/** The members in the order of RFC 7638 §3. */
function ordered(jwk: object): object {
	return Object.fromEntries(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function part(value: object): string {
	return base64url(utf8(JSON.stringify(value)));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(text);
}

export function base64url(bytes: Uint8Array): string {
	const text = btoa(String.fromCharCode(...bytes));
	return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
