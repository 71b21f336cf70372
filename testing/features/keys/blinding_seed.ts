/** Of the random number by which the residue probe blinds RSA. */
export const BLINDING_SEED = 7301;
