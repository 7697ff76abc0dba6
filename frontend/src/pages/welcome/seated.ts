import type { AppContext } from '../../context';
import type { Session } from '../../lib/session/session';

/** Somebody has signed in: the page goes on where it was, or is made anew for somebody else. */
export function seated({ live }: Pick<AppContext, 'live'>, session: Session): void {
	if (live.session && live.session.user.id !== session.user?.id) location.reload();
	else live.syncNow();
}
