/** A sluice gate over two waves. */
export function Logo() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-7">
      <title>Sluice</title>
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <path
        d="M8 6v20M24 6v20M8 10h16"
        strokeWidth="3"
        strokeLinecap="round"
        className="fill-none stroke-on-accent"
      />
      <path
        d="M11 19q2.5-3 5 0t5 0M11 24q2.5-3 5 0t5 0"
        strokeWidth="2.2"
        strokeLinecap="round"
        className="fill-none stroke-on-accent"
      />
    </svg>
  );
}
