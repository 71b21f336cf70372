/** Of the needle that a probe keeps in ordinary memory. */
export const WITNESS_SEED = 77;
/** Of the content of the key files that the tests write themselves. */
export const FILE_SEED = 78;
/** Of a secret that has nothing to do with key files. */
export const OTHER_SEED = 79;
/** Of a plain key file that is read with a passphrase. */
export const PLAIN_SEED = 80;
