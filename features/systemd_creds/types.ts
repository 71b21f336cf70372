import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import type { Secrets } from "../../core/mod.ts";

/** What a credential is encrypted with: the host's key in a file of root, a key in the TPM, or both together. */
export type SystemdKey = "host" | "tpm2" | "host+tpm2";

/** Which key of this machine, and what the credentials are called. */
export interface SystemdCredsOptions {
  /**
   * The name that each credential is encrypted for (`--name=`): letters, digits, `.`, `_` and `-`, at most 128. Public. A credential of
   * another name is not opened, so that one that was made for something else cannot stand in its place.
   */
  readonly name: string;
  /**
   * The key (`--with-key=`). There is no default: that of systemd is whatever the machine has. `host` takes root, and makes the
   * host's key where there is none.
   */
  readonly key: SystemdKey;
  /** The TPM (`--tpm2-device=`): a path, or `DRIVER:PARAMETER`. Default: the one that systemd finds. */
  readonly tpm2Device?: string;
  /**
   * The registers of the TPM whose values of now are needed to open (`--tpm2-pcrs=`): integers from 0 to 23, at least one, because
   * systemd 252 encrypts for none and then cannot decrypt. Default: that of systemd; of 252 it is register 7, the state of Secure Boot.
   */
  readonly tpm2Pcrs?: readonly number[];
  /** The absolute path of the program, which only root or this user may be able to change. Default: `systemd-creds` in the folders of the system. */
  readonly program?: string;
  /** The most milliseconds for one call. Default: 30,000. */
  readonly timeout?: number;
}

/** The type of {@link useSystemdCreds}. */
export type UseSystemdCreds = (secrets: Secrets, options: SystemdCredsOptions) => KeyWrapper;
