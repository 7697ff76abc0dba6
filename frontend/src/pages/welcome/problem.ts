import { i18n } from '../../lib/i18n/i18n.svelte';
import { Problem } from '../../lib/api/problem';

/** What went wrong, for the person at the door. */
export function inWords(problem: unknown): string {
	if (problem instanceof Problem) return problem.status === 0 ? i18n.t.error.unreachable : problem.message;
	return i18n.t.error.unknown;
}
