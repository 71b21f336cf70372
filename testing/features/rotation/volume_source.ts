import { closeSync, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { join } from "node:path";
import {
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SecretSource,
} from "../../../features/sources/mod.ts";

/** The files of a volume of Kubernetes as the fields of one record: all of the directory that `..data` leads to. */
export class VolumeSource implements SecretSource {
  readonly name = "volume";
  readonly residue: readonly string[] = [];
  readonly #files: readonly string[];

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  async read(path: string, { land }: ReadContext): Promise<SecretRecord> {
    for (let attempt = 0; ; attempt++) {
      const version = readlinkSync(join(path, "..data"));
      try {
        const fields = this.#files.map((name) => {
          const file = openSync(join(path, version, name), "r");
          try {
            const secret = land(fstatSync(file).size, (page) => void readSync(file, page));
            return [name, secret] as const;
          } finally {
            closeSync(file);
          }
        });
        return makeRecord({ version, fields });
      } catch (error) {
        // The directory went in between: another one is there now.
        if (attempt === 20 || (error as { code?: string }).code !== "ENOENT") throw error;
      }
    }
  }
}
