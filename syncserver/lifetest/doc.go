// Package lifetest lets simulated devices live with a real server for years of
// virtual time: browsers with tabs and a cookie jar, the Go client with a
// keyring, with a device key and without. They sleep, crash, lose answers and
// send late; the server restarts; a thief copies a session. Its tests say what
// nobody may ever notice of that, and what everybody must.
package lifetest
