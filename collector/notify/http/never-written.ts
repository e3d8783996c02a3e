/**
 * Whether a request that failed was certainly never written to the wire.
 * Why: what never left may be sent again freely; what left may have been accepted.
 * Must not: guess. What is not known to be unwritten counts as written.
 */
import type { Flight } from "./flight.ts";

/** Where fetch did not say (see flight.ts) the error's name alone decides. */
const NEVER_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_INVALID_URL",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export function wasNeverWritten(error: unknown, flight: Flight): boolean {
  if (flight.written !== null) return !flight.written;
  let current: unknown = error;
  // Errors of fetch are three deep; a cycle must not hang us.
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    const code = "code" in current && typeof current.code === "string" ? current.code : "";
    // Ports that fetch never asks (6000, 6667, 10080 …): refused before there is a request.
    if (NEVER_CONNECTED.has(code) || current.message === "bad port") return true;
    current = current.cause;
  }
  return false;
}
