declare module '*.md' {
  const text: string;
  export default text;
}
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const text: string;
  export default text;
}
/** The script of the report page: text to be put into it, never run here. */
declare module '*/page.js' {
  const text: string;
  export default text;
}
