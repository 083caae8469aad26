// Browsers clean microphones for phone calls: echo cancelling and noise suppression eat music and soft
// singing, gain control evens out the level. Ask for the sound as it is.
const devices = navigator.mediaDevices;
if (devices) {
  const getUserMedia = devices.getUserMedia.bind(devices);
  const asItIs = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = (wanted) =>
    getUserMedia(wanted?.audio ? { ...wanted, audio: { ...(wanted.audio === true ? {} : wanted.audio), ...asItIs } } : wanted);
}
