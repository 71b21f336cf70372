/** A frame beside the page of cookies.ts: it lends to it, and takes what that lends. */
import { openSecrets } from "../../../adapters/web/mod.ts";
import type { SecretBuffer } from "../../../core/mod.ts";
import { type SecretInput, sealCookie } from "../../core/standard/sealed_cookies.ts";

/** What the page has of the frame. */
export interface Framed {
  readonly Uint8Array: Uint8ArrayConstructor;
  secret(): SecretBuffer;
  sealCookie(secret: SecretInput, text: string): Promise<string>;
  adopts(secret: SecretInput): boolean;
  /** Sends it a message with a secret. @returns the names of what arrived, and whether it lends */
  receive(secret: unknown): Promise<string>;
}

interface Window {
  readonly parent: { framed(frame: Framed): void };
  postMessage(message: unknown, target: string): void;
  addEventListener(
    name: "message",
    listener: (event: { readonly data: object }) => void,
    options: { readonly once: true },
  ): void;
}

const frame = globalThis as unknown as Window;
const secrets = openSecrets();
frame.parent.framed({
  Uint8Array,
  sealCookie,
  secret: () => secrets.random(32),
  adopts: (secret) => secrets.adopt(secret).equals(secret),
  receive: (secret) =>
    new Promise((resolve) => {
      const tell = ({ data }: { readonly data: object }): void =>
        resolve(JSON.stringify([Object.keys(data), "~secret" in data]));
      frame.addEventListener("message", tell, { once: true });
      frame.postMessage(secret, "*");
    }),
});
