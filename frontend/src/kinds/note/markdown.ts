// A note's text as HTML. Only prose.svelte.ts imports this: the libraries weigh
// a fifth of the page, and most screens show no Markdown.
import DOMPurify from 'dompurify';
import { marked } from 'marked';

/** Safe HTML; tick boxes come out enabled and in the order of the text. */
export function render(body: string): string {
	const html = marked.parse(body, { async: false, gfm: true, breaks: true });
	return DOMPurify.sanitize(html, {
		USE_PROFILES: { html: true },
		FORBID_TAGS: ['style', 'form', 'button', 'textarea', 'select'],
		// A page of the household fetches nothing from strangers, and styles are forbidden by policy anyway.
		FORBID_ATTR: ['style', 'srcset', 'id', 'name']
	}).replaceAll(/(<input\b[^>]*?) disabled(="")?/g, '$1');
}
