/** The longest that a path may be, RFC 5321, 4.5.3.1.3. */
const longestAddress = 254;

/**
 * Whether a mail may go to this address as it stands. Stricter than RFC 5322: quoted local parts and
 * address literals are nobody's, and everything that ends an address in a header or command is out.
 */
export function isMailable(address: string): boolean {
  return (
    address.length <= longestAddress &&
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Z}<>()[\]\\",:;]/u.test(address) &&
    /^[^@]{1,64}@[^@.]+(\.[^@.]+)*$/.test(address)
  );
}
