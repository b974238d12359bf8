/** A flag planted: this one is mine. */
export function Logo({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden focusable="false">
      <rect width="24" height="24" rx="6" fill="currentColor" />
      <path d="M8 5.5v13" stroke="var(--logo-mark)" strokeWidth="2" strokeLinecap="round" />
      <path d="M8 6.2h9.2l-2.6 3.4 2.6 3.4H8z" fill="#ff6b4a" />
    </svg>
  );
}
