import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { landingOf, openSecrets, readSecret } from "../../../adapters/node/mod.ts";
import type { Secrets } from "../../../core/mod.ts";
import type { ReadSecretOptions } from "../../../features/sources/types.ts";
import { read } from "../../core/samples.ts";

/** A folder to read secrets from, and what reading them comes to. */
export class SourceStage {
  readonly secrets: Secrets = openSecrets({ memory: "heap" });
  readonly land: ReturnType<typeof landingOf> = landingOf(this.secrets);
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-sources-"));

  readonly write = (name: string, content: string | Uint8Array, mode: number = 0o600): string => {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  /** What a read came to: the bytes as text, or the code. */
  readonly outcome = async (reference: string, options?: ReadSecretOptions): Promise<string> => {
    try {
      const secret = await readSecret(this.secrets, reference, options);
      const text = Buffer.from(read(secret)).toString("latin1");
      secret.destroy();
      return text;
    } catch (error) {
      const { code, name, message } = error as Error & { code?: string };
      expect(message).toMatch(/^Cannot read (?:secret|field)/);
      return code ?? name;
    }
  };

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
