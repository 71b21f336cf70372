import type { Awaitable, KeyWrapper } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import type { SecretInput } from "../../core/standard/standard.ts";

/** Which plugin, with which key, and what may be asked. */
export interface PluginOptions {
  /** Whom to seal to: `age1NAME1…`. Public. Without it the identity is sealed to. */
  readonly recipient?: string;
  /** What opens: `AGE-PLUGIN-NAME-1…`, as bytes; some hold a key. A `Uint8Array` is wiped once it was copied, and untouched on an error. Without it nothing can be opened. */
  readonly identity?: SecretInput;
  /**
   * The absolute path of the program, which only root or this user may be able to change. Default: `age-plugin-NAME` in the
   * folders of the system; never PATH.
   */
  readonly program?: string;
  /** Takes what the plugin says to a person: to touch a token, or why it failed. Text of the plugin's choice. */
  readonly onMessage?: (text: string) => void;
  /** Gives what the plugin asks for, such as a PIN, which is destroyed when it was sent; null: nothing. Default: nothing. */
  readonly onSecret?: (question: string) => Awaitable<SecretBuffer | null>;
  /** The most milliseconds for one dialogue, the time for a touch in it. Default: 120,000. */
  readonly timeout?: number;
}

/** A key of a plugin, as a wrapper; `destroy` destroys the copy of its identity. */
export interface PluginWrapper extends KeyWrapper, Disposable {
  /**
   * Destroys the copy of the identity. Repeating it does nothing; it never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { usePlugin } from "lethe/age-plugins";
   *
   * const recipient = "age1yubikey1qgya5u7euf8deze6n6esau3g3n8uka3y69yumvl4tsyfd82ndhyk53x9flc";
   * try {
   *   usePlugin(openSecrets(), { recipient }).destroy();
   * } catch (error) {
   *   if (error instanceof TypeError) throw error;
   *   // there is no age-plugin-yubikey here
   * }
   * ```
   */
  destroy(): void;
}

/** The type of {@link usePlugin}. */
export type UsePlugin = (secrets: Secrets, options: PluginOptions) => PluginWrapper;
