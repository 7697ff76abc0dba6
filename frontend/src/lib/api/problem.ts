import type { Answer } from '../host/host';
import type { components } from './gen/api';

type Body = components['schemas']['Problem'];

/** What went wrong, from the server (RFC 9457) or on the way to it (status 0, code "unreached"). */
export class Problem extends Error {
	override name = 'Problem';

	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
		readonly field?: string,
		readonly retryAfterMs?: number,
		/** What a problem with the session says beside. */
		readonly more: Pick<Body, 'claimId' | 'reason' | 'at' | 'network'> = {}
	) {
		super(message);
	}

	/** Signing in would help. */
	get needsSignIn(): boolean {
		return this.status === 401 || this.code === 'account-missing';
	}

	/** A repetition of the same request would only get the same answer. */
	get final(): boolean {
		// By status: a proxy that finds a body too large knows no codes.
		return this.status === 400 || this.status === 413 || this.status === 422;
	}
}

/** Reads the problem of an answer; one without a problem's body is told by its status. */
export function problemOf(answer: Answer): Problem {
	const body = (answer.body ?? {}) as Partial<Body>;
	return new Problem(
		answer.status,
		body.code ?? 'internal',
		body.detail ?? body.title ?? `status ${answer.status}`,
		body.field,
		body.retryAfterMs,
		body
	);
}
