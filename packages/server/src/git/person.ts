/** As git writes a name into a commit. */
export interface Person {
  readonly name: string;
  readonly email: string;
}
