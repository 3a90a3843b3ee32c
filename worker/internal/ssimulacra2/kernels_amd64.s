#include "textflag.h"

// EIGHT defines a vector that repeats 32 bits eight times.
#define EIGHT(name, v) \
DATA name<>+0(SB)/4, $v;  \
DATA name<>+4(SB)/4, $v;  \
DATA name<>+8(SB)/4, $v;  \
DATA name<>+12(SB)/4, $v; \
DATA name<>+16(SB)/4, $v; \
DATA name<>+20(SB)/4, $v; \
DATA name<>+24(SB)/4, $v; \
DATA name<>+28(SB)/4, $v; \
GLOBL name<>(SB), RODATA|NOPTR, $32

// The numbers of kernels.go and colour.go as float32.
EIGHT(gauss0, 0x3e877c6b) // 0.26462110548819856
EIGHT(gauss1, 0x3e5a09f4) // 0.2129285920104222
EIGHT(gauss2, 0x3ddfeb39) // 0.10933537277746029
EIGHT(gauss3, 0x3d138064) // 0.036011114658364374
EIGHT(gauss4, 0x3c1a3eb8) // 0.009414367809653733
EIGHT(quarter, 0x3e800000) // 0.25
EIGHT(half, 0x3f000000) // 0.5
EIGHT(one, 0x3f800000) // 1.0
EIGHT(similarity, 0x3a6bedfa) // 0.0009
EIGHT(absorb00, 0x3e99999a) // 0.3
EIGHT(absorb01, 0x3f1f3b64) // 0.622
EIGHT(absorb02, 0x3d9fbe77) // 0.078
EIGHT(absorb10, 0x3e6b851f) // 0.23
EIGHT(absorb11, 0x3f3126e9) // 0.692
EIGHT(absorb12, 0x3d9fbe77) // 0.078
EIGHT(absorb20, 0x3e7943cc) // 0.2434226892454782
EIGHT(absorb21, 0x3e51ae8f) // 0.2047674442449682
EIGHT(absorb22, 0x3f0d4369) // 0.5518098665095537
EIGHT(bias, 0x3b789536) // 0.0037930732552754493
EIGHT(biasRoot, 0x3e1fb275) // 0.15595420054924863
EIGHT(third, 0x3eaaaaab) // 0.3333333333333333
EIGHT(fourThirds, 0x3faaaaab) // 1.3333333333333333
EIGHT(xTimes, 0x40e00000) // 7.0
EIGHT(xPlus, 0x3ed70a3d) // 0.42
EIGHT(yPlus, 0x3c23d70a) // 0.01
EIGHT(bPlus, 0x3f0ccccd) // 0.55
EIGHT(rootEstimate, 0x54a21d2a)
EIGHT(magnitude, 0x7fffffff)

// func multiplyAVX2(dst, a, b []float32)
TEXT ·multiplyAVX2(SB), NOSPLIT, $0-72
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ a_base+24(FP), SI
	MOVQ b_base+48(FP), DX
	XORQ AX, AX

next:
	VMOVUPS (SI)(AX*4), Y0
	VMULPS  (DX)(AX*4), Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VZEROUPPER
	RET

// PAIR adds ( a + b ) * weight to the sum in Y0. It destroys Y1.
#define PAIR(a, b, weight) \
	VMOVUPS a, Y1;             \
	VADDPS  b, Y1, Y1;         \
	VMULPS  weight, Y1, Y1;    \
	VADDPS  Y1, Y0, Y0

#define GAUSS \
	VMOVUPS gauss0<>(SB), Y8;  \
	VMOVUPS gauss1<>(SB), Y9;  \
	VMOVUPS gauss2<>(SB), Y10; \
	VMOVUPS gauss3<>(SB), Y11; \
	VMOVUPS gauss4<>(SB), Y12

// func horizontalAVX2(dst, src []float32)
TEXT ·horizontalAVX2(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	GAUSS
	XORQ AX, AX

next:
	VMULPS  16(SI)(AX*4), Y8, Y0
	PAIR(12(SI)(AX*4), 20(SI)(AX*4), Y9)
	PAIR(8(SI)(AX*4), 24(SI)(AX*4), Y10)
	PAIR(4(SI)(AX*4), 28(SI)(AX*4), Y11)
	PAIR((SI)(AX*4), 32(SI)(AX*4), Y12)
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VZEROUPPER
	RET

// func verticalAVX2(dst []float32, rows *[9][]float32)
TEXT ·verticalAVX2(SB), NOSPLIT, $0-32
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ rows+24(FP), SI
	MOVQ 0(SI), BX
	MOVQ 24(SI), DX
	MOVQ 48(SI), R8
	MOVQ 72(SI), R9
	MOVQ 96(SI), R10
	MOVQ 120(SI), R11
	MOVQ 144(SI), R12
	MOVQ 168(SI), R13
	MOVQ 192(SI), SI
	GAUSS
	XORQ AX, AX

next:
	VMULPS  (R10)(AX*4), Y8, Y0
	PAIR((R9)(AX*4), (R11)(AX*4), Y9)
	PAIR((R8)(AX*4), (R12)(AX*4), Y10)
	PAIR((DX)(AX*4), (R13)(AX*4), Y11)
	PAIR((BX)(AX*4), (SI)(AX*4), Y12)
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VZEROUPPER
	RET

// func halveAVX2(dst, a, b []float32)
TEXT ·halveAVX2(SB), NOSPLIT, $0-72
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ a_base+24(FP), SI
	MOVQ b_base+48(FP), DX
	VMOVUPS quarter<>(SB), Y8
	XORQ AX, AX

next:
	VMOVUPS (SI), Y0
	VHADDPS 32(SI), Y0, Y0
	VMOVUPS (DX), Y1
	VHADDPS 32(DX), Y1, Y1
	VADDPS  Y1, Y0, Y0
	VMULPS  Y8, Y0, Y0
	VPERMPD $0xd8, Y0, Y0 // adding neighbours works within each half of a register
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ    $64, SI
	ADDQ    $64, DX
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VZEROUPPER
	RET

// STEP is a step of Newton's iteration: Y4 is improved by Y5, a third of the number. It destroys Y6.
#define STEP \
	VMULPS Y4, Y4, Y6;   \
	VMULPS Y4, Y6, Y6;   \
	VMULPS Y5, Y6, Y6;   \
	VSUBPS Y6, Y13, Y6;  \
	VMULPS Y6, Y4, Y4

// ABSORBED sets dst to what absorbed in kernels.go returns for red, green and blue in Y0, Y1 and Y2. It destroys Y3 to Y6.
#define ABSORBED(red, green, blue, dst) \
	VMULPS     red<>(SB), Y0, Y3;           \
	VMULPS     green<>(SB), Y1, Y4;         \
	VADDPS     Y4, Y3, Y3;                  \
	VMULPS     blue<>(SB), Y2, Y4;          \
	VADDPS     Y4, Y3, Y3;                  \
	VADDPS     Y11, Y3, Y3;                 \
	VCVTDQ2PS  Y3, Y4;                      \
	VMULPS     Y12, Y4, Y4;                 \
	VCVTTPS2DQ Y4, Y4;                      \
	VPSUBD     Y4, Y14, Y4;                 \
	VMULPS     Y12, Y3, Y5;                 \
	STEP;                                   \
	STEP;                                   \
	STEP;                                   \
	VMULPS     Y4, Y4, Y4;                  \
	VMULPS     Y3, Y4, Y4;                  \
	VSUBPS     Y15, Y4, dst

#define ROOTS \
	VMOVUPS bias<>(SB), Y11;         \
	VMOVUPS third<>(SB), Y12;        \
	VMOVUPS fourThirds<>(SB), Y13;   \
	VMOVUPS rootEstimate<>(SB), Y14; \
	VMOVUPS biasRoot<>(SB), Y15

// func lumaAVX2(y, r, g, b []float32)
TEXT ·lumaAVX2(SB), NOSPLIT, $0-96
	MOVQ y_base+0(FP), DI
	MOVQ y_len+8(FP), CX
	MOVQ r_base+24(FP), R8
	MOVQ g_base+48(FP), R9
	MOVQ b_base+72(FP), R10
	ROOTS
	XORQ AX, AX

next:
	VMOVUPS (R8)(AX*4), Y0
	VMOVUPS (R9)(AX*4), Y1
	VMOVUPS (R10)(AX*4), Y2
	ABSORBED(absorb00, absorb01, absorb02, Y7)
	ABSORBED(absorb10, absorb11, absorb12, Y8)
	VADDPS  Y8, Y7, Y7
	VMULPS  half<>(SB), Y7, Y7
	VADDPS  yPlus<>(SB), Y7, Y7
	VMOVUPS Y7, (DI)(AX*4)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VZEROUPPER
	RET

// func xybAVX2(rows *[3][]float32, r, g, b []float32)
TEXT ·xybAVX2(SB), NOSPLIT, $0-80
	MOVQ rows+0(FP), SI
	MOVQ 0(SI), BX
	MOVQ 24(SI), DX
	MOVQ 48(SI), SI
	MOVQ r_base+8(FP), R8
	MOVQ r_len+16(FP), CX
	MOVQ g_base+32(FP), R9
	MOVQ b_base+56(FP), R10
	ROOTS
	XORQ AX, AX

next:
	VMOVUPS (R8)(AX*4), Y0
	VMOVUPS (R9)(AX*4), Y1
	VMOVUPS (R10)(AX*4), Y2
	ABSORBED(absorb00, absorb01, absorb02, Y7)
	ABSORBED(absorb10, absorb11, absorb12, Y8)
	ABSORBED(absorb20, absorb21, absorb22, Y9)
	VSUBPS  Y8, Y7, Y10
	VMULPS  xTimes<>(SB), Y10, Y10
	VADDPS  xPlus<>(SB), Y10, Y10
	VMOVUPS Y10, (BX)(AX*4)
	VADDPS  Y8, Y7, Y7
	VMULPS  half<>(SB), Y7, Y7
	VSUBPS  Y7, Y9, Y9
	VADDPS  bPlus<>(SB), Y9, Y9
	VMOVUPS Y9, (SI)(AX*4)
	VADDPS  yPlus<>(SB), Y7, Y7
	VMOVUPS Y7, (DX)(AX*4)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VZEROUPPER
	RET

// TALLY adds a map to its sum, and its fourth power to another sum. It destroys v.
#define TALLY(v, sum, fourths) \
	VADDPS v, sum, sum;            \
	VMULPS v, v, v;                \
	VMULPS v, v, v;                \
	VADDPS v, fourths, fourths

// func compareAVX2(sums *sumLanes, c *comparison)
TEXT ·compareAVX2(SB), NOSPLIT, $0-16
	MOVQ sums+0(FP), DI
	MOVQ c+8(FP), SI
	MOVQ 0(SI), R8    // a
	MOVQ 8(SI), CX
	MOVQ 24(SI), R9   // b
	MOVQ 48(SI), R10  // meanA
	MOVQ 72(SI), R11  // meanB
	MOVQ 96(SI), R12  // squareA
	MOVQ 120(SI), R13 // squareB
	MOVQ 144(SI), DX  // cross
	VMOVUPS 0(DI), Y8
	VMOVUPS 32(DI), Y9
	VMOVUPS 64(DI), Y10
	VMOVUPS 96(DI), Y11
	VMOVUPS 128(DI), Y12
	VMOVUPS 160(DI), Y13
	VMOVUPS one<>(SB), Y14
	VMOVUPS similarity<>(SB), Y15
	VXORPS  Y7, Y7, Y7
	XORQ    AX, AX

next:
	VMOVUPS (R10)(AX*4), Y0
	VMOVUPS (R11)(AX*4), Y1
	VSUBPS  Y1, Y0, Y2
	VMULPS  Y2, Y2, Y2
	VSUBPS  Y2, Y14, Y2 // 1 - ( meanA - meanB )²
	VMULPS  Y1, Y0, Y3
	VMOVUPS (DX)(AX*4), Y4
	VSUBPS  Y3, Y4, Y4
	VADDPS  Y4, Y4, Y4
	VADDPS  Y15, Y4, Y4
	VMULPS  Y4, Y2, Y2
	VMULPS  Y0, Y0, Y3
	VMOVUPS (R12)(AX*4), Y5
	VSUBPS  Y3, Y5, Y5
	VMULPS  Y1, Y1, Y3
	VMOVUPS (R13)(AX*4), Y6
	VSUBPS  Y3, Y6, Y6
	VADDPS  Y6, Y5, Y5
	VADDPS  Y15, Y5, Y5
	VDIVPS  Y5, Y2, Y2
	VSUBPS  Y2, Y14, Y2
	VMAXPS  Y7, Y2, Y2
	TALLY(Y2, Y8, Y11)
	VMOVUPS (R9)(AX*4), Y3
	VSUBPS  Y1, Y3, Y3
	VANDPS  magnitude<>(SB), Y3, Y3
	VADDPS  Y14, Y3, Y3
	VMOVUPS (R8)(AX*4), Y4
	VSUBPS  Y0, Y4, Y4
	VANDPS  magnitude<>(SB), Y4, Y4
	VADDPS  Y14, Y4, Y4
	VDIVPS  Y4, Y3, Y3
	VSUBPS  Y14, Y3, Y3
	VSUBPS  Y3, Y7, Y4
	VMAXPS  Y7, Y3, Y3
	VMAXPS  Y7, Y4, Y4
	TALLY(Y3, Y9, Y12)
	TALLY(Y4, Y10, Y13)
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     next
	VMOVUPS Y8, 0(DI)
	VMOVUPS Y9, 32(DI)
	VMOVUPS Y10, 64(DI)
	VMOVUPS Y11, 96(DI)
	VMOVUPS Y12, 128(DI)
	VMOVUPS Y13, 160(DI)
	VZEROUPPER
	RET
