/** What is known of lines that are alike. */
export class Kinds {
  /** Lines of which all was known. */
  known = 0;
}
