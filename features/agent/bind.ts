import { equalBytes } from "../../core/mod.ts";
import { copyOf } from "../keys/ssh.ts";
import type { CallerState } from "./agent_context.ts";
import { plainBlob } from "./certificate.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { AgentRefusal } from "./protocol/agent_refusal.ts";
import type { Binding } from "./protocol/requests.ts";
import { isSignedBy } from "./signature.ts";

/** Hops of one connection. */
const MOST_BINDINGS = 16;
/** Of a session's identifier: it is a hash. */
const MOST_SESSION_ID = 128;

/**
 * Notes which SSH connection a client is used for, when the server's host key has signed its identifier
 * (OpenSSH PROTOCOL.agent, section 1). If the host shows a certificate, the key in it is used: the client has judged the certificate.
 *
 * - BIND-1: after a connection for a login there is no other
 * - BIND-2: an identifier belongs to one host key
 */
export function bind({ bindings }: CallerState, binding: Binding): void {
  const { hostKey, sessionId, signature, forwarding } = binding;
  if (sessionId.length === 0 || sessionId.length > MOST_SESSION_ID) refuse();
  if (!isSignedBy(plainBlob(hostKey), sessionId, signature)) refuse();
  const fingerprint = fingerprintOf(hostKey);
  const known = bindings.find(
    (other) =>
      other.sessionId.length === sessionId.length && equalBytes(other.sessionId, sessionId),
  );
  if (known !== undefined && known.hostKey !== fingerprint) refuse();
  if (known !== undefined && known.forwarding === forwarding) return;
  if (bindings.some((other) => !other.forwarding)) refuse();
  if (bindings.length >= MOST_BINDINGS) throw new AgentRefusal("exhausted");
  bindings.push({ hostKey: fingerprint, forwarding, sessionId: copyOf(sessionId) });
}

function refuse(): never {
  throw new AgentRefusal("bad binding");
}
