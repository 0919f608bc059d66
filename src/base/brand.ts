/** A nominal type over a plain one: a string that was checked once is not any string. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
