import type { SecretBuffer } from "../../core/mod.ts";
import { same } from "../check.ts";
import { defer } from "./samples.ts";

/** What a scope does. It may keep the view. */
export type Use = (bytes: Uint8Array<ArrayBuffer>) => void;
/** Opens a scope of `secret`, lets `use` see the view, and ends the scope. */
export type EndScope = (
  secret: SecretBuffer,
  scope: "expose" | "modify",
  use: Use,
) => void | Promise<void>;

/** Every way in which a scope ends. */
export const SCOPE_ENDINGS: readonly (readonly [name: string, end: EndScope])[] = [
  ["returned", (secret, scope, use) => secret[scope](use)],
  [
    "threw",
    (secret, scope, use) => {
      try {
        secret[scope]((bytes) => {
          use(bytes);
          throw new Aside();
        });
      } catch (error) {
        if (!(error instanceof Aside)) throw error;
      }
    },
  ],
  [
    "resolved",
    async (secret, scope, use) => {
      const wait = defer();
      const pending = secret[scope](async (bytes) => {
        use(bytes);
        await wait.promise;
      });
      wait.resolve();
      await pending;
    },
  ],
  [
    "rejected",
    async (secret, scope, use) => {
      const wait = defer();
      const pending = secret[scope]((bytes) => {
        use(bytes);
        return wait.promise;
      });
      wait.reject(new Aside());
      await pending.catch((error) => {
        if (!(error instanceof Aside)) throw error;
      });
    },
  ],
  [
    "destroyed inside",
    (secret, scope, use) =>
      secret[scope]((bytes) => {
        use(bytes);
        secret.destroy();
        same(bytes.byteLength, 0, "length of the view right after destroy inside the scope");
      }),
  ],
  [
    "destroyed while pending",
    async (secret, scope, use) => {
      const wait = defer();
      const pending = secret[scope]((bytes) => {
        use(bytes);
        return wait.promise;
      });
      secret.destroy();
      wait.resolve();
      await pending;
    },
  ],
];

class Aside extends Error {}
