// Package proof is how a client shows that it has the device key of its
// session: a compact JWS in the header Inglenook-Proof, shaped like DPoP (RFC
// 9449) but without a client's clock. The server hands out a nonce, the client
// signs it together with the request, and the nonce is good once, for a minute.
//
// The protected header is
//
//	{"typ":"inglenook-proof","alg":"ES256"|"EdDSA","kid":<thumbprint of the key>}
//
// with "jwk", the public key, only where a key is registered. Any other member
// makes the proof bad: none of the extensions of RFC 7515 (jku, x5u, crit, b64)
// has a use here, and each is a way in. The payload is Claims.
//
// Server and Go client use this package; the page does the same in TypeScript.
package proof
