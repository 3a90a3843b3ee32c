#include "textflag.h"

// A byte of each of four words, or of three.
DATA four<>+0(SB)/8, $0x00ff00ff00ff00ff
GLOBL four<>(SB), RODATA|NOPTR, $8
DATA three<>+0(SB)/8, $0x000000ff00ff00ff
GLOBL three<>(SB), RODATA|NOPTR, $8

// func paethVector(row, above []byte, pixel, count int)
//
// Samples are words: X0 left, X1 upper left, X2 above. With three bytes a pixel, the neighbours of the fourth byte
// count as 0, so it is stored unchanged. The next pixel is loaded before the store, because a load that overlaps a
// pending store has to wait for it.
TEXT ·paethVector(SB), NOSPLIT, $0-64
	MOVQ row_base+0(FP), DI
	MOVQ above_base+24(FP), SI
	MOVQ pixel+48(FP), BX
	MOVQ count+56(FP), CX
	MOVQ four<>(SB), X15
	MOVQ X15, X14
	CMPQ BX, $3
	JNE  begin
	MOVQ three<>(SB), X14

begin:
	VPXOR     X0, X0, X0
	VPXOR     X1, X1, X1
	VPMOVZXBW (DI), X4 // the pixel and some bytes after it; see paethRow

next:
	VPMOVZXBW  (SI), X2
	VPAND      X14, X2, X2
	VMOVDQA    X4, X3
	VPMOVZXBW  (DI)(BX*1), X4
	VPSUBW     X1, X2, X5  // difference of left + above - upper left from left
	VPSUBW     X1, X0, X6  // from above
	VPADDW     X5, X6, X7  // from upper left
	VPABSW     X5, X5
	VPABSW     X6, X6
	VPABSW     X7, X7
	VPMINSW    X5, X6, X8
	VPMINSW    X7, X8, X8
	VPCMPEQW   X8, X6, X9
	VPBLENDVB  X9, X2, X1, X10
	VPCMPEQW   X8, X5, X9
	VPBLENDVB  X9, X0, X10, X10
	VPADDW     X10, X3, X10
	VPAND      X14, X10, X0
	VPAND      X15, X10, X10
	VPACKUSWB  X10, X10, X10
	VMOVD      X10, (DI)
	VMOVDQA    X2, X1
	ADDQ       BX, DI
	ADDQ       BX, SI
	DECQ       CX
	JNZ        next
	RET
