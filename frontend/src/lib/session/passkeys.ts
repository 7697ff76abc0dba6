// Passkeys between the server's JSON and the browser (WebAuthn Level 3, §5.1.8 to §5.1.10),
// also where the browser cannot translate it by itself. Loaded by the screens that need it.

/** Whether this page may use passkeys at all: https, and a browser that has them. */
export function hasPasskeys(): boolean {
	return 'PublicKeyCredential' in globalThis && isSecureContext;
}

/** Makes a passkey from the options of begin; what comes is the `credential` of a login body. */
export async function createPasskey(options: unknown): Promise<unknown> {
	const { publicKey } = options as { publicKey: Creation };
	const made = await navigator.credentials.create({
		publicKey: {
			...publicKey,
			challenge: bytes(publicKey.challenge),
			user: { ...publicKey.user, id: bytes(publicKey.user.id) },
			excludeCredentials: (publicKey.excludeCredentials ?? []).map(descriptor)
		}
	});
	const { response, ...rest } = shown(made as PublicKeyCredential);
	const attestation = response as AuthenticatorAttestationResponse;
	return {
		...rest,
		response: {
			clientDataJSON: text(attestation.clientDataJSON),
			attestationObject: text(attestation.attestationObject),
			transports: attestation.getTransports()
		}
	};
}

/** Signs in with a passkey, from the options of begin; what comes is the `credential` of a login body. */
export async function usePasskey(options: unknown): Promise<unknown> {
	const { publicKey } = options as { publicKey: Request };
	const got = await navigator.credentials.get({
		publicKey: {
			...publicKey,
			challenge: bytes(publicKey.challenge),
			allowCredentials: (publicKey.allowCredentials ?? []).map(descriptor)
		}
	});
	const { response, ...rest } = shown(got as PublicKeyCredential);
	const assertion = response as AuthenticatorAssertionResponse;
	return {
		...rest,
		response: {
			clientDataJSON: text(assertion.clientDataJSON),
			authenticatorData: text(assertion.authenticatorData),
			signature: text(assertion.signature),
			...(assertion.userHandle && { userHandle: text(assertion.userHandle) })
		}
	};
}

interface Descriptor {
	id: string;
	type: 'public-key';
}

interface Creation {
	challenge: string;
	user: { id: string; name: string; displayName: string };
	rp: PublicKeyCredentialRpEntity;
	pubKeyCredParams: PublicKeyCredentialParameters[];
	excludeCredentials?: Descriptor[];
}

interface Request {
	challenge: string;
	allowCredentials?: Descriptor[];
}

function shown(credential: PublicKeyCredential) {
	const { id, type, response } = credential;
	const attachment = credential.authenticatorAttachment;
	return {
		id,
		rawId: text(credential.rawId),
		type,
		response,
		clientExtensionResults: credential.getClientExtensionResults(),
		...(attachment && { authenticatorAttachment: attachment })
	};
}

function descriptor(one: Descriptor) {
	return { ...one, id: bytes(one.id) };
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
	const binary = String.fromCharCode(...new Uint8Array(buffer));
	return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
