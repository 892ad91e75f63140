/** How far something is, 0 to 100. */
export function Progress({ percent, label }: { percent: number; label: string }) {
  return (
    <progress
      aria-label={label}
      max={100}
      value={percent}
      className="h-1.5 w-full overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-busy [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-busy [&::-webkit-progress-value]:transition-[width]"
    />
  );
}
