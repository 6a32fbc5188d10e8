/* Colour profiles, of which Wine 8's mscms.dll lacks some that Qt names. This stand-in finds no profile. It lives in
 * the Wine prefix's system32 and nowhere else. */
#define OUT __declspec(dllexport)

OUT void *OpenColorProfileW(void) { return 0; }
OUT void *WcsOpenColorProfileW(void) { return 0; }
OUT int CloseColorProfile(void) { return 1; }
OUT int GetColorDirectoryW(void) { return 0; }
OUT int GetColorProfileFromHandle(void) { return 0; }
OUT int WcsCreateIccProfile(void) { return 0; }
OUT int WcsGetDefaultColorProfile(void) { return 0; }
OUT int WcsGetDefaultColorProfileSize(void) { return 0; }
