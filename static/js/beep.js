// A short sound out of nothing but the browser. Before somebody has touched the page browsers keep silent; so do we.
window.helpdesk.beep = () => {
  const context = window.AudioContext && new AudioContext();
  if (!context) return;
  const [tone, loudness, from] = [context.createOscillator(), context.createGain(), context.currentTime];
  tone.frequency.setValueAtTime(660, from);
  tone.frequency.setValueAtTime(880, from + 0.12);
  loudness.gain.setValueAtTime(0.12, from);
  loudness.gain.exponentialRampToValueAtTime(0.001, from + 0.45);
  tone.connect(loudness).connect(context.destination);
  setTimeout(() => context.close(), 1000); // also one that was kept silent
  tone.start();
  tone.stop(from + 0.45);
};
